using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Megatorrent.Cluster.Coordination.Etcd;
using Megatorrent.Core;

namespace Megatorrent.Cli.Commands;

/// <summary>The settings of <c>node</c> that say where the nodes agree: among themselves, or at an etcd.</summary>
internal sealed class CoordinatorSettings
{
    private const string Embedded = "embedded", Etcd = "etcd";
    private const int PasswordLengthMax = 4096; // bytes of the file; a longer one is the wrong file

    private readonly DefaultedOption<string> _kind = CommonOptions.MakeChoice(
        "--coordinator", "Where the nodes agree on the layout: among themselves, or at an etcd. The same for all nodes of a cluster.",
        Embedded, Embedded, Etcd);

    private readonly Option<string?> _endpoints = new("--etcd-endpoints")
    {
        HelpName = "URL,...",
        Description = "Members of the etcd cluster, such as https://10.0.0.5:2379; any one that answers is enough.",
    };

    private readonly Option<string?> _ca = FileOption("--etcd-ca", "Who may have issued etcd's certificates, as PEM. Default: whom the system trusts.");
    private readonly Option<string?> _cert = FileOption("--etcd-cert", "The certificate to show to etcd, as PEM.");
    private readonly Option<string?> _key = FileOption("--etcd-key", "The private key of --etcd-cert, as PEM.");
    private readonly Option<string?> _user = new("--etcd-user") { HelpName = "NAME", Description = "The user to authenticate to etcd as." };
    private readonly Option<string?> _password = FileOption("--etcd-password-file", "A file with that user's password in one line.");

    private Option<string?>[] OfEtcd => [_endpoints, _ca, _cert, _key, _user, _password];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_kind);
        foreach (Option<string?> option in OfEtcd)
            command.Add(option);
        command.Validators.Add(result =>
        {
            bool etcd = result.GetResult(_kind)?.Tokens is [.., { Value: Etcd }];
            if (!etcd && OfEtcd.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } stray)
                result.AddError($"{stray.Name} means nothing without --coordinator etcd.");
            if (etcd && result.GetResult(_endpoints) is not { Implicit: false })
                result.AddError("--coordinator etcd needs --etcd-endpoints URL,...");
            if ((result.GetResult(_cert) is null) != (result.GetResult(_key) is null))
                result.AddError("--etcd-cert and --etcd-key go together.");
            if ((result.GetResult(_user) is null) != (result.GetResult(_password) is null))
                result.AddError("--etcd-user and --etcd-password-file go together.");
        });
    }

    /// <summary>The etcd to use; null for none.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: a value or a file that cannot be used.</exception>
    public EtcdOptions? ToOptions(ParseResult parse)
    {
        if (_kind.Of(parse) != Etcd)
            return null;
        var options = new EtcdOptions
        {
            Endpoints = (parse.GetValue(_endpoints) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            TrustedRoots = parse.GetValue(_ca) is { } ca ? Read(_ca, ca, LoadRoots) : null,
            ClientCertificate = parse.GetValue(_cert) is { } cert && parse.GetValue(_key) is { } key
                ? Read(_cert, cert, path => X509Certificate2.CreateFromPemFile(path, key)) : null,
            User = parse.GetValue(_user),
            Password = parse.GetValue(_password) is { } file ? Read(_password, file, LoadPassword) : null,
        };
        options.Validate();
        return options;
    }

    private static Option<string?> FileOption(string name, string description) => new(name) { HelpName = "FILE", Description = description };

    private static X509Certificate2Collection LoadRoots(string path)
    {
        X509Certificate2Collection roots = [];
        roots.ImportFromPemFile(path);
        return roots.Count > 0 ? roots : throw new CryptographicException("there is no certificate in it");
    }

    private static string LoadPassword(string path)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length > PasswordLengthMax)
            throw new IOException($"it is longer than {PasswordLengthMax} bytes");
        using var reader = new StreamReader(file);
        return reader.ReadLine() is { Length: > 0 } line ? line : throw new IOException("its first line is empty");
    }

    private static T Read<T>(Option option, string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"{option.Name}: {path} cannot be used: {exception.Message}", exception);
        }
    }
}
