// The keys of a node's domains, as they are on disk and in the login server's answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/identity/domain_keyring.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const auto first = identity::domain_keyring::parse(core::as_text({data, size}));
  if (!first) return 0;
  const auto second = identity::domain_keyring::parse(first->print());
  if (!second || !(*second == *first)) std::abort();
  return 0;
}
