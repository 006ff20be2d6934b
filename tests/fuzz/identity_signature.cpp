// Signature and SignerIdentity (RFC 6940 s.6.3.4).
#include "phyllo/identity/signature.hpp"
#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const phyllo::core::byte_view input(data, size);
  phyllo::fuzz::streamed<phyllo::identity::signature>(input);
  return 0;
}
