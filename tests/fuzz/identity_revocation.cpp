// The revocation list's head, its changes and a kept list: what decodes encodes to the very bytes, and a change that is applied is one that
// the head's root is of.
#include "phyllo/identity/revocation_list.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const core::byte_view input(data, size);
  if (const auto h = identity::parse_revocation_head(input); h && h->text != core::to_bytes(input)) std::abort();
  fuzz::encoded<identity::revocation_delta>(input);
  const auto head = identity::revocation_list::head_of(input);
  identity::revocation_list list;
  if (const auto h = identity::parse_revocation_head(head)) {
    if (list.load(*h, input) && list.encode() != core::to_bytes(input)) std::abort();
    identity::revocation_list other;
    if (other.seek(*h)) {
      if (const auto d = identity::revocation_delta::decode(input.subspan(2 + head.size()))) (void)other.apply(*d);
      (void)other.take_digests(input.subspan(2 + head.size()));
    }
  }
  return 0;
}
