import { awaitAgreement, awaitHelp, awaitOrders, awaitPapers } from './await.ts';
import { checkPapers } from './check-papers.ts';
import { claimNumbers } from './claim-numbers.ts';
import { closeRequest } from './close-request.ts';
import { configureNumber } from './configure-number.ts';
import { continueElsewhere } from './continue-elsewhere.ts';
import { purchaseNumber } from './purchase-number.ts';
import { recordNumber } from './record-number.ts';

/** States that store tokens and records: the requests function. */
export const requestTasks = [
  awaitAgreement,
  awaitPapers,
  awaitOrders,
  awaitHelp,
  recordNumber,
  continueElsewhere,
  closeRequest,
] as const;
/** States that talk to carriers: the carriers function, which alone may read their credentials. */
export const carrierTasks = [checkPapers, claimNumbers, purchaseNumber, configureNumber] as const;
