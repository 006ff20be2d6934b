// What the requests of nodes to login servers have in common: a form out, a certificate or a refusal back.
#pragma once

#include <string>
#include <string_view>

#include "form.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/key.hpp"
#include "phyllo/transport/http.hpp"

namespace phyllo::enrollment {

[[nodiscard]] transport::http_request form_post(const form& fields, std::string_view accepted_type);

// `path` at the same server, whatever path `url` has.
[[nodiscard]] std::string beside(const std::string& url, std::string_view path);

// What an answer other than 200 means.
[[nodiscard]] core::error refusal(const transport::http_response& r);

// The certificate for this key and user; server_error for an answer that is none.
[[nodiscard]] core::result<identity::credential> read_certificate(const transport::http_response& r, const identity::private_key& key,
                                                                  const std::string& user);

}  // namespace phyllo::enrollment
