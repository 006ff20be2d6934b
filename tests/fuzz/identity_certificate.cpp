// Overlay certificates in DER: what parses is whole, and parses to the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "phyllo/identity/certificate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using phyllo::identity::certificate;
  const auto c = certificate::from_der({data, size});
  if (!c) return 0;
  if (c->der().size() != size || c->node().reserved() || c->user().empty() || c->overlay().empty()) std::abort();
  if (!(certificate::from_der(c->der()).value() == *c)) std::abort();
  (void)certificate::from_pem(c->pem());
  (void)c->verify(8, 7, c->der(), c->der().first(64));
  return 0;
}
