// The addon's entry: versions, the maker of errors, and every other part's functions.
#include "operations.h"
#include "support.h"

#if defined(__linux__)
#include <dlfcn.h>
#endif

namespace megatorrent
{
namespace
{
// Node has an OpenSSL of its own inside its program and exports its symbols, so the system's OpenSSL, which the library loads for what no
// other provider does, would find half of its functions there and run on a mixture of both. Loaded like this, before the library asks for
// it, it looks into itself first; the library then gets the same object.
void LoadOpenSslApart()
{
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) // whose runtime ends the process at RTLD_DEEPBIND
    for (const char *name : {"libssl.so.3", "libssl.so.1.1"})
    {
        if (dlopen(name, RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND) != nullptr)
            return;
    }
#endif
}

Napi::Value AbiVersion(const Napi::CallbackInfo &info) { return Napi::Number::New(info.Env(), mt_abi_version()); }

Napi::Value StatusName(const Napi::CallbackInfo &info)
{
    return Napi::String::New(info.Env(), mt_status_name(static_cast<mt_status_t>(Signed(info[0], "status"))));
}

// What never changes while the process lives.
Napi::Value Facts(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    Napi::Object facts = Napi::Object::New(env);
    facts.Set("version", mt_version_string());
    facts.Set("headerAbiVersion", Napi::Number::New(env, MT_ABI_VERSION));
    facts.Set("level", mt_processor_level());
    facts.Set("kernels", mt_processor_kernels());
    return facts;
}

Napi::Value SetErrorMaker(const Napi::CallbackInfo &info)
{
    Environment::Of(info.Env()).make_error = Napi::Persistent(info[0].As<Napi::Function>());
    return info.Env().Undefined();
}

Napi::Value CloseHandle(const Napi::CallbackInfo &info)
{
    if (!info[0].IsExternal())
        WrongType(info[0], "this", "an object of this package");
    info[0].As<Napi::External<Handle>>().Data()->Close();
    return info.Env().Undefined();
}

Napi::Object Initialize(Napi::Env env, Napi::Object exports)
{
    LoadOpenSslApart();
    env.SetInstanceData(new Environment());
    Define<AbiVersion>(exports, "abiVersion");
    Define<StatusName>(exports, "statusName");
    Define<Facts>(exports, "facts");
    Define<SetErrorMaker>(exports, "setErrorMaker");
    Define<CloseHandle>(exports, "closeHandle");
    DefineHashes(exports);
    DefineReedSolomon(exports);
    DefineBlobs(exports);
    DefineKeys(exports);
    DefineBencode(exports);
    DefineManifests(exports);
    DefineNoise(exports);
    DefineWire(exports);
    DefineClient(exports);
    DefineStreams(exports);
    DefineLog(exports);
    return exports;
}
} // namespace

NODE_API_MODULE(megatorrent, Initialize)
} // namespace megatorrent
