// Tokens that strangers made up are never taken for ours; what stands in one that the key opens is read without harm, and reads back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sip/dialog_token.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  static const auto keys = [] {
    identity::domain_keyring k;
    k.add("example.com", 1, {core::bytes(32, 0x5a), core::bytes(32, 0xa5)});
    return k;
  }();
  static const sip::domain_secrets secrets({"example.com"}, keys);
  const sip::token_sealer sealer(secrets);
  const core::byte_view input(data, size);
  if (sip::open_dialog_token(sealer, core::as_text(input)) || sip::open_path_token(sealer, core::as_text(input))) std::abort();
  if (size > 150) return 0;
  const auto dialog =
      sip::open_dialog_token(sealer, std::string(sip::dialog_mark) + sealer.seal(sip::token_use::dialog, "example.com", input));
  if (dialog && sip::open_dialog_token(sealer, sip::seal(sealer, *dialog)) != dialog) std::abort();
  const auto path = sip::open_path_token(sealer, sealer.seal(sip::token_use::path, "example.com", input));
  if (path && sip::open_path_token(sealer, sip::seal(sealer, *path))->phone != path->phone) std::abort();
  return 0;
}
