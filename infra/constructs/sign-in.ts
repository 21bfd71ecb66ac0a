import { Duration, Stack } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { prefixOf, type StageSettings } from '../settings.ts';
import { removal } from './removal.ts';

/** The roles of the gateway. Who may do what is decided by our own user record; the groups are for whoever keeps the pool. */
const GROUPS = {
  customer: 'A user of a tenant',
  tenant_admin: "Owns a tenant's numbers",
  customer_success: 'Works the inbox, belongs to no tenant',
  operator: 'Runs the platform, belongs to no tenant',
} as const;

/** What a token must have come from to be believed. */
export interface Issuer {
  readonly issuer: string;
  readonly clientIds: readonly string[];
  readonly jwksUrl?: string | undefined;
  readonly audience?: string | undefined;
  readonly algorithm?: string | undefined;
}

/** The user pool: people are invited by administrators, sign in with a second factor and by code with PKCE. */
export class SignIn extends Construct {
  readonly pool: cognito.UserPool;
  readonly client: cognito.UserPoolClient;

  constructor(scope: Construct, settings: StageSettings) {
    super(scope, 'SignIn');
    this.pool = new cognito.UserPool(this, 'People', {
      userPoolName: prefixOf(settings),
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      mfa: settings.passwordSignIn ? cognito.Mfa.OPTIONAL : cognito.Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      deletionProtection: settings.keepData,
      removalPolicy: removal(settings),
    });
    for (const [groupName, description] of Object.entries(GROUPS))
      new cognito.CfnUserPoolGroup(this, groupName, { userPoolId: this.pool.userPoolId, groupName, description });
    this.client = this.pool.addClient('Console', clientOf(settings));
    // The address of the sign-in page is unique in a region, over all accounts.
    this.pool.addDomain('Page', {
      cognitoDomain: { domainPrefix: `${prefixOf(settings)}-${Stack.of(this).account}` },
    });
  }

  /** The stack's own pool, unless the settings name another issuer. */
  issuer({ oidc }: StageSettings): Issuer {
    if (oidc) return oidc;
    const issuer = `https://cognito-idp.${Stack.of(this).region}.amazonaws.com/${this.pool.userPoolId}`;
    return { issuer, clientIds: [this.client.userPoolClientId] };
  }
}

/** A public client: no secret, and the code flow, which the pool binds to PKCE's challenge. */
function clientOf({ consoleUrl, passwordSignIn }: StageSettings): cognito.UserPoolClientOptions {
  const home = consoleUrl ?? 'http://localhost:5173';
  return {
    generateSecret: false,
    authFlows: { userPassword: passwordSignIn, adminUserPassword: passwordSignIn },
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
      callbackUrls: [`${home}/signed-in`],
      logoutUrls: [home],
    },
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.minutes(30),
    idTokenValidity: Duration.minutes(30),
    refreshTokenValidity: Duration.hours(12),
  };
}
