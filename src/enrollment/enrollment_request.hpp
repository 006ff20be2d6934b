// The parameters of an enrollment, from the form of a POST (RFC 6940 s.11.3).
#pragma once

#include <string>

#include "form.hpp"
#include "phyllo/core/bytes.hpp"

namespace phyllo::enrollment {

struct enrollment_request {
  std::string user;  // canonical
  std::string password;
  core::bytes csr;                 // DER; empty: unreadable
  std::string device = "default";  // ours
  bool one_node = true;            // false: `nodeids` asks for another number of Node-IDs
  bool peer = false;               // ours: `role` asks for the right to be a peer

  // core::errc::malformed: a field is missing or unreadable. Fields we do not know are passed over.
  [[nodiscard]] static core::result<enrollment_request> from_form(const form& f);
};

// DER, base64 of it, or PEM: what command-line tools send.
[[nodiscard]] core::bytes decode_csr(std::string_view text);

}  // namespace phyllo::enrollment
