// PKCS#10 requests: what is accepted names a user and has a key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/identity/certificate_request.hpp"
#include "phyllo/identity/names.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto q = phyllo::identity::certificate_request::from_der({data, size});
  if (q && (!phyllo::identity::valid_user(q->user()) || q->key() == nullptr)) std::abort();
  return 0;
}
