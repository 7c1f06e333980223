using Megatorrent.Core.Wire;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Certificates and their chains.</summary>
[Covers(typeof(Certificate))]
internal sealed class CertificateTarget() : FormatTarget("certificate", new Format<Certificate>(Certificate.Decode, static value => value.Encoded, isCanonical: true));
