import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { MANIFESTS } from '../../functions/carriers/manifests.ts';
import { type StageSettings, secretsPrefixOf } from '../settings.ts';
import { removal } from './removal.ts';

/** Carriers whose adapter reads credentials. */
export const CARRIERS_WITH_CREDENTIALS: readonly string[] = MANIFESTS.map(({ id }) => id);

/**
 * The places of secrets. Carriers' are made empty: an empty secret reads as missing, so nothing works by a placeholder; a person
 * fills them (docs/deploy.md) and a deployment never writes them again. Own keys are made once by the service itself.
 */
export class GatewaySecrets extends Construct {
  private readonly prefix: string;

  constructor(scope: Construct, settings: StageSettings, key: IKey) {
    super(scope, 'Secrets');
    this.prefix = secretsPrefixOf(settings);
    const place = (id: string, name: string, description: string, ownKey?: string) => {
      const made = new CfnSecret(this, id, {
        name: `${this.prefix}/${name}`,
        description,
        kmsKeyId: key.keyArn,
        ...(ownKey ? { generateSecretString: generated(ownKey) } : {}),
      });
      made.applyRemovalPolicy(removal(settings));
    };
    place(
      'Webhooks',
      'webhooks',
      'What inbound verifies carriers by, and the key that seals later steps',
      'inbound/step-key',
    );
    place('Gateway', 'gateway', 'Keys of the gateway itself', 'cursor/key');
    for (const carrier of CARRIERS_WITH_CREDENTIALS)
      place(
        `Carrier${carrier}`,
        `carriers/${carrier}`,
        `API credentials of ${carrier}, read by the carriers function only`,
      );
  }

  /** ARN of one secret by its name below the prefix; the service ends it with a dash and six characters. */
  arn(name: string): string {
    const resourceName = `${this.prefix}/${name}-??????`;
    return Arn.format(
      { service: 'secretsmanager', resource: 'secret', resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME },
      Stack.of(this),
    );
  }
}

/** Changing any of this would make a new secret on the next deployment. */
const generated = (generateStringKey: string): CfnSecret.GenerateSecretStringProperty => ({
  secretStringTemplate: '{}',
  generateStringKey,
  passwordLength: 64,
  excludePunctuation: true,
});
