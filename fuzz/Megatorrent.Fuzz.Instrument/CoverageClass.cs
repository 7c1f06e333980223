using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Megatorrent.Fuzz.Instrument;

/// <summary>The class <c>Megatorrent.Fuzz.Runtime.Coverage</c>, which instrumented code refers to by the names of its members.</summary>
internal sealed class CoverageClass
{
    private readonly TypeDefinition _type;

    /// <summary>Finds the class in its assembly.</summary>
    public CoverageClass(ModuleDefinition runtime) => _type = runtime.GetType("Megatorrent.Fuzz.Runtime.Coverage")
        ?? throw new InvalidOperationException($"{runtime.Name} has no class Coverage.");

    /// <summary>The field that points to the counters.</summary>
    public FieldDefinition Counters => _type.Fields.Single(static candidate => candidate.Name == "Counters");

    /// <summary>A method by its name.</summary>
    public MethodDefinition Method(string name) => _type.Methods.Single(method => method.Name == name);

    /// <summary>Makes <c>EdgeCount()</c> return <paramref name="count"/>, and <c>Start()</c> run when the module is loaded.</summary>
    public void Finish(int count)
    {
        MethodBody body = Method("EdgeCount").Body;
        body.Instructions.Clear();
        body.ExceptionHandlers.Clear();
        body.Variables.Clear();
        body.Instructions.Add(Instruction.Create(OpCodes.Ldc_I4, count));
        body.Instructions.Add(Instruction.Create(OpCodes.Ret));

        const MethodAttributes attributes = MethodAttributes.Private | MethodAttributes.Static | MethodAttributes.HideBySig
            | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName;
        var initializer = new MethodDefinition(".cctor", attributes, _type.Module.TypeSystem.Void);
        initializer.Body.Instructions.Add(Instruction.Create(OpCodes.Call, Method("Start")));
        initializer.Body.Instructions.Add(Instruction.Create(OpCodes.Ret));
        _type.Module.GetType("<Module>").Methods.Add(initializer);
    }
}
