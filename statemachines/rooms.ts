/** What `${…}` in a state machine stands for: the function (one per room with states) that runs the task. */
export const FUNCTIONS = { Carriers: 'carriers', Requests: 'requests' } as const;
export type Placeholder = keyof typeof FUNCTIONS;

/** The state machines by name: their file here, and the functions they call. Infrastructure, local and tests read it. */
export const MACHINES = {
  'request-number': { file: 'request-number.asl.json', calls: ['Carriers', 'Requests'] },
  'attend-bundle': { file: 'attend-bundle.asl.json', calls: ['Carriers'] },
} as const satisfies Readonly<Record<string, { readonly file: string; readonly calls: readonly Placeholder[] }>>;
