using Megatorrent.Core.Manifests;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Stripe descriptors.</summary>
[Covers(typeof(StripeDescriptor))]
internal sealed class StripeDescriptorTarget() : FormatTarget("stripe-descriptor", new Format<StripeDescriptor>(StripeDescriptor.Decode, static value => value.Encoded, isCanonical: true));
