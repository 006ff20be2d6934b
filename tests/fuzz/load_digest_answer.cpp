// Challenges of a server under load, and the answer to them: one line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "digest_answer.hpp"
#include "phyllo/core/bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const auto text = core::as_text({data, size});
  const auto offer = load::digest_offer::read(text);
  if (!offer) return 0;
  std::string out;
  load::append_authorization(out, false, *offer, {"user", "password", "REGISTER", "sip:example.com", "c"});
  if (!out.starts_with("Authorization: Digest username=\"user\"") || !out.ends_with("\r\n")) std::abort();
  if (text.find('\n') == std::string_view::npos && out.find('\n') != out.size() - 1) std::abort();
  return 0;
}
