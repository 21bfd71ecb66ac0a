declare module 'asl-validator' {
  /** Adds fields to the definition: give it a copy. */
  export default function validate(definition: object): {
    readonly isValid: boolean;
    readonly errorsText: () => string;
  };
}
