namespace Megatorrent.Build.Bindings;

/// <summary>
/// One language binding: how the build tool compiles it, tests it, starts its suite (the program of <c>tests/abi/README.md</c>) and packs
/// it. Used from one thread; every member but <see cref="Missing"/> and <see cref="Language"/> needs <see cref="Missing"/> to be null.
/// A program that fails is a <see cref="BuildException"/>.
/// </summary>
internal interface IBinding
{
    /// <summary>The language as tables and <c>--language</c> spell it: <c>C</c>, <c>C++</c>, <c>Node</c> or <c>Java</c>.</summary>
    string Language { get; }

    /// <summary>Why the binding cannot be built on this machine, in half a sentence without a full stop; null when it can be.</summary>
    string? Missing { get; }

    /// <summary>Compiles the binding and its suite against the published library; cheap when nothing changed since the last call.</summary>
    void Build();

    /// <summary>
    /// Runs what the binding tests beyond the behaviours (its unit tests, examples, an installed package); built before. A cluster runs
    /// meanwhile: this process has its variables (<c>MEGATORRENT_CLUSTER</c>, <c>MEGATORRENT_CREDENTIAL</c>, <c>XDG_CONFIG_HOME</c>,
    /// <c>MT_CLUSTER_DATA</c>, and <c>MEGATORRENT_BIN</c>, <c>MEGATORRENT_LIB</c>, <c>MEGATORRENT_ROOT</c>), so every program that it
    /// starts inherits them. The cluster serves all bindings: a test that stops nodes starts a cluster of its own.
    /// </summary>
    /// <returns>What the tests counted.</returns>
    Tally Test();

    /// <summary>
    /// How the binding's suite is started: the program, its first arguments, to which those of <c>tests/abi/README.md</c>
    /// (<c>behaviours tests/vectors</c>, ...) are appended, and the environment it needs besides the one that the README names.
    /// The working directory is the root of the checkout.
    /// </summary>
    (string Program, string[] Arguments, (string Name, string Value)[] Environment) Suite { get; }

    /// <summary>How the suite is started to be measured: <see cref="Suite"/>, less what only looks for faults and costs time.</summary>
    (string Program, string[] Arguments, (string Name, string Value)[] Environment) Measured => Suite;

    /// <summary>
    /// Other builds of the same suite, such as one under sanitizers: name (the column in the table of behaviours), program, first arguments
    /// and environment, as in <see cref="Suite"/>. Each must show the behaviours of the language like the suite itself.
    /// </summary>
    IReadOnlyList<(string Name, string Program, string[] Arguments, (string Name, string Value)[] Environment)> Variants => [];

    /// <summary>
    /// Makes the packages of the binding in <c>artifacts/packages</c>, the same bytes for the same commit; built before. The environment has
    /// <c>SOURCE_DATE_EPOCH</c>, the time that every file in them should have, and the folder may have been emptied since the last call.
    /// </summary>
    /// <returns>The full paths of the packages; empty when the binding is a part of the native package.</returns>
    IReadOnlyList<string> Package();
}
