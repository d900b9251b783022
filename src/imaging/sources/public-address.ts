import { BlockList, isIP } from 'node:net';

/**
 * Addresses that are not of the public internet: this host, private networks, link-local ones (clouds keep their
 * metadata services there), shared, reserved, documentation and multicast ones.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const SPECIAL_SUBNETS = {
  ipv4: [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ],
  ipv6: [
    ['::', 128],
    ['::1', 128],
    // What stands for an IPv4 address is judged by nobody's look at that, so none of it is public.
    ['::ffff:0:0', 96],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['100::', 64],
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ],
} as const;

/** One list a family: in a common one, Node takes an IPv4 address for the IPv6 address that it is mapped to. */
const SPECIAL = { ipv4: blockList('ipv4'), ipv6: blockList('ipv6') };

/** Whether an IP address, without brackets or zone, is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return !SPECIAL[family].check(address, family);
}

function blockList(family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of SPECIAL_SUBNETS[family]) list.addSubnet(network, prefix, family);
  return list;
}
