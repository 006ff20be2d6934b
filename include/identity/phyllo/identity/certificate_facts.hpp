// What an operator wants to know of a certificate before others find out: how long it is good, and for whom. Of any X.509 certificate, the
// overlay's own and those of the web; reading proves nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::identity {

struct certificate_facts {
  core::wall_time begins;          // the latest beginning of all that were read
  core::wall_time ends;            // and the earliest end: outside of both nobody trusts the whole
  std::vector<std::string> names;  // of the first: DNS names and IP addresses it may be asked for by (RFC 5280 s.4.2.1.6)
};

// Of all certificates of a PEM text. Nothing: it holds none.
[[nodiscard]] std::optional<certificate_facts> facts_of_pem(std::string_view pem);
// Of one. Nothing: it is none.
[[nodiscard]] std::optional<certificate_facts> facts_of_der(core::byte_view der);

// Whether the first certificate and the private key of one PEM text belong together.
[[nodiscard]] bool key_fits(std::string_view pem);

}  // namespace phyllo::identity
