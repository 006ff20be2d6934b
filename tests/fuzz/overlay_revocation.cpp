// What nodes tell and ask each other of the revocation list and of the document: what decodes encodes to the very bytes.
#include "overlay/reload/revocation_message.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const core::byte_view input(data, size);
  fuzz::encoded<overlay::revocation_announcement>(input);
  fuzz::encoded<overlay::revocation_question>(input);
  fuzz::encoded<overlay::revocation_answer>(input);
  fuzz::encoded<overlay::document_piece>(input);
  return 0;
}
