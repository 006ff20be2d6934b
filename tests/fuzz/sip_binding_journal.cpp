// A file of bindings that something has spoiled is read without harm, and what is read of it is written again as it stands.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sip/binding_journal.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const auto users = sip::binding_journal::read(core::as_text({data, size}));
  sip::binding_journal j;
  const auto again = sip::binding_journal::read(j.take(users).text);
  if (again.size() > users.size()) std::abort();
  return 0;
}
