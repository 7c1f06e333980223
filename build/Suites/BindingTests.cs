using Megatorrent.Build.Bindings;

namespace Megatorrent.Build.Suites;

/// <summary>
/// Everything that <c>test</c> does with the bindings: builds them and runs their own tests, lets every suite show the behaviours, lets each
/// client get what the others put, and works each runtime that collects garbage for a few seconds. A binding that cannot be built here is
/// one skipped check, one that does not build is one failed check, and neither keeps the others from being tested.
/// </summary>
/// <param name="checkout">The checkout.</param>
/// <param name="steps">Where the steps are reported.</param>
/// <param name="add">Takes what a part counted, and gives how to say it.</param>
internal sealed class BindingTests(Checkout checkout, Steps steps, Func<Tally, string> add)
{
    /// <summary>Long enough to show that a soak runs; whether memory is flat takes minutes, for which there is the verb <c>soak</c>.</summary>
    private const int SoakSeconds = 5;

    private readonly List<IBinding> _built = [];

    /// <summary>Runs it all.</summary>
    public void Run()
    {
        using (TestCluster cluster = TestCluster.Start(checkout))
        using (cluster.Export())
        {
            foreach (IBinding binding in AllBindings.Of(checkout))
                steps.Run($"binding for {binding.Language}", () => Add(() => BuildAndTest(binding)));
        }

        SuiteProgram[] suites = [.. _built.Select(SuiteProgram.Of)];
        steps.Run("behaviours", () => Add(() => Behaviours(suites)));
        steps.Run("matrix", () => Add(() => new MatrixRun(checkout).Run(suites)));
        foreach (IBinding binding in _built.Where(IsSoaked))
            steps.Run($"soak of {binding.Language}", () => Add(() => new SoakRun(checkout).Run(SuiteProgram.Of(binding), SoakSeconds)));
    }

    /// <summary>Whether a second runtime in the process, with a garbage collector and threads of its own, makes a soak worth its time.</summary>
    public static bool IsSoaked(IBinding binding) => binding.Language is "Node" or "Java";

    private Tally BuildAndTest(IBinding binding)
    {
        if (binding.Missing is { } reason)
        {
            Console.WriteLine($"skip the binding for {binding.Language}: {reason}");
            return new Tally(0, 0, 1);
        }

        binding.Build();
        _built.Add(binding);
        return binding.Test();
    }

    private Tally Behaviours(SuiteProgram[] suites)
    {
        BehaviourRun run = new(checkout);
        Tally tally = default;
        foreach (SuiteProgram suite in suites.Prepend(SuiteProgram.CSharp(checkout)).Concat(_built.SelectMany(SuiteProgram.VariantsOf)))
            tally += run.Run(suite);
        run.Report();
        return tally;
    }

    // One part that breaks off is a failure, and the parts after it are run all the same.
    private string Add(Func<Tally> part)
    {
        try
        {
            return add(part());
        }
        catch (BuildException exception)
        {
            Console.WriteLine($"not ok: {exception.Message}");
            return add(Tally.OneFailed);
        }
    }
}
