/** Every needed variable of every function. */
export const GIVEN = {
  STAGE: 'test',
  TABLE_NAME: 'gateway-test',
  PUBLIC_URL: 'https://gateway.example.com',
  CS_MAIL: 'cs@numbergate.example',
  MAIL_FROM: 'numbergate@numbergate.example',
  SIP_DOMAIN: 'sip.numbergate.example',
  RATE_LIMIT_PER_MINUTE: '600',
  MOST_WAITING: '100',
  SEARCH_DEADLINE_MS: '3000',
  PAPERS_BUCKET: 'papers-test',
  PAPERS_KEY_ARN: 'arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000',
  STATE_MACHINE_ARN_PREFIX: 'arn:aws:states:us-east-1:000000000000:stateMachine:test-',
  SECRETS_PREFIX: 'numbergate/test',
  OIDC_ISSUER: 'https://issuer.example',
  OIDC_CLIENT_IDS: 'console, cli',
  DELAY_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/delays-test',
} as const;
