import type { Manifest } from './port.ts';
import { manifest as telnyx } from './telnyx/manifest.ts';
import { manifest as twilio } from './twilio/manifest.ts';
import { manifest as vonage } from './vonage/manifest.ts';

/** Carriers built in, in the order of preference where no policy says otherwise. */
export const MANIFESTS: readonly Manifest[] = [telnyx, twilio, vonage];
