import { getCarrier, listCarriers, searchNumbers } from '../carriers/routes.ts';
import { complianceRoutes } from '../compliance/routes.ts';
import type { Route } from '../contract/route.ts';
import {
  getCountry,
  listAreas,
  listCountries,
  listCountryRequirements,
  removeCountryPolicy,
  setCountryPolicy,
} from '../countries/routes.ts';
import { numberRoutes } from '../numbers/routes.ts';
import { requestRoutes } from '../requests/all-routes.ts';
import { tenantRoutes } from '../tenants/routes.ts';
import { systemRoutes } from './system-routes.ts';

/** Every line of the HTTP interface: what the document, the reference page and the checks over all operations are made of. */
export const allRoutes: readonly Route[] = [
  ...systemRoutes,
  listCountries,
  getCountry,
  listCountryRequirements,
  listAreas,
  setCountryPolicy,
  removeCountryPolicy,
  searchNumbers,
  ...requestRoutes,
  ...numberRoutes,
  ...tenantRoutes,
  ...complianceRoutes,
  listCarriers,
  getCarrier,
];
