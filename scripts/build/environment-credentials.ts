import type { Plugin } from 'esbuild';

/**
 * Where clients get credentials unless told: a function has them in its environment, so the chain that looks into files,
 * single sign-on and metadata servers is left out of the bundles (performance §3 rule 4).
 */
export function environmentCredentials(): Plugin {
  return {
    name: 'environment-credentials',
    setup(build) {
      build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
        path: 'environment',
        namespace: 'credentials',
      }));
      build.onLoad({ filter: /.*/, namespace: 'credentials' }, () => ({ contents: PROVIDER, loader: 'js' }));
    },
  };
}

const PROVIDER = `
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) throw new Error('there are no credentials in the environment');
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
};
`;
