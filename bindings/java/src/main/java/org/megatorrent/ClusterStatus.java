package org.megatorrent;

/**
 * Who is in a cluster.
 *
 * @param members nodes of the cluster, dead ones too
 * @param livingMembers those that live
 * @param failureDomains different ones among all members
 */
public record ClusterStatus(int members, int livingMembers, int failureDomains) {
}
