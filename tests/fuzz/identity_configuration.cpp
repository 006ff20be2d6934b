// Configuration documents, and Kinds' blocks by themselves. Beside the whole, its security block alone, which a broken signature would
// hide.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "identity/security_block.hpp"
#include "phyllo/identity/configuration.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const std::string_view text = core::as_text({data, size});
  const auto now = core::from_unix_milliseconds(1767225600000);  // 2026-01-01, when the seed was made
  const auto p = identity::parse_configuration(text, {}, now);
  if (p && (p->text != text || p->content.configuration_signers.empty() || p->content.root_certificates.empty())) std::abort();
  if (p) {
    for (const auto& k : p->content.kinds) {
      if (!identity::parse_kind_block(identity::kind_block_of(*p, k.id), *p, {}, now)) std::abort();
    }
  }
  if (identity::parse_kind_block(text, {}, {}, now)) std::abort();  // nobody may have signed it
  const auto block = identity::security_block::parse(text);
  if (block && !identity::security_block::parse(block->base64())) std::abort();
  return 0;
}
