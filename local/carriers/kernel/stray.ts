import type { SimWorld } from './simulator-port.ts';

/**
 * Where a call or text goes whose number this account does not own (any more): the gateway's own address, so that its
 * neutral answer can be asked for (interface map §12). Undefined while there is no gateway.
 */
export function strayUrl(world: Pick<SimWorld, 'carrier' | 'gatewayUrl'>, kind: 'voice' | 'sms' | 'status') {
  const gateway = world.gatewayUrl();
  return gateway && `${gateway}/inbound/${world.carrier}/${kind}`;
}
