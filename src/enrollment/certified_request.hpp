// A request to the login server that an overlay certificate authorises instead of a password (enrollment.md, "Requests by certificate").
// Both sides of it.
#pragma once

#include <string_view>

#include "form.hpp"
#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::enrollment {

struct certified_request {
  // Of the overlay, valid now, and the request is signed by it. It may be revoked: what that means here the accounts know better.
  identity::certificate certificate;
  core::bytes payload;  // what is asked for: a certificate request, or a key to seal to

  // `path` is what it was sent to: a request for one thing is none for another. core::errc::malformed; errc::failed_authentication: it is
  // of another time than the last five minutes by `now` (or as much ahead: clocks differ), or not signed by whom the overlay trusts.
  [[nodiscard]] static core::result<certified_request> from_form(const form& f, std::string_view path, const identity::trust& trust,
                                                                 core::wall_time now);
};

[[nodiscard]] form certified_form(const identity::credential& by, std::string_view path, core::byte_view payload, core::wall_time now);

}  // namespace phyllo::enrollment
