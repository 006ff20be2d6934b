// Forms: the first line of the input is the Content-Type, the rest the body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "enrollment/certified_request.hpp"
#include "enrollment/enrollment_request.hpp"
#include "enrollment/form.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phyllo;
  const std::string_view input = core::as_text({data, size});
  const auto line = input.substr(0, input.find('\n'));
  const auto body = input.substr(std::min(input.size(), line.size() + 1));
  const auto f = enrollment::parse_form(line, body);
  if (!f) return 0;
  std::size_t total = 0;
  for (const auto& [name, value] : *f) total += name.size() + value.size();
  if (f->size() > enrollment::form_fields_max || total > body.size()) std::abort();
  (void)enrollment::enrollment_request::from_form(*f);
  static const identity::trust nobody("overlay.example.com");
  const auto now = core::from_unix_milliseconds(1'700'000'000'000);
  if (enrollment::certified_request::from_form(*f, "/", nobody, now)) std::abort();  // it trusts no issuer
  return 0;
}
