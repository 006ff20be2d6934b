// Bodies of Sync and SyncAns, and what they contain: what decodes encodes to the very bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "overlay/storage/sync_message.hpp"

namespace {

void same(const phyllo::core::bytes& encoded, phyllo::core::byte_view input) {
  if (encoded != phyllo::core::to_bytes(input)) std::abort();
}

void contents(phyllo::core::byte_view input) {
  using namespace phyllo::overlay;
  if (const auto c = decode_digests(input)) same(encode_digests(*c), input);
  if (const auto c = decode_keys(input)) same(encode_keys(*c), input);
  if (const auto c = decode_items(input)) same(encode_items(*c), input);
  static const phyllo::identity::trust trust("example.org");
  if (const auto c = sync_values::decode(input, known_kinds(), trust)) {
    for (const auto& v : c->values) (void)c->signer_of(v.data);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo::overlay;
  const phyllo::core::byte_view input(data, size);
  if (const auto s = sync_request::decode(input)) {
    same(s->encode(), input);
    if (split(s->where).size() > tree_width) std::abort();
    contents(s->content);
  }
  if (const auto a = sync_answer::decode(input)) {
    same(a->encode(), input);
    contents(a->content);
  }
  contents(input);
  return 0;
}
