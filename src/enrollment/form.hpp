// The parameters of an HTTP form (RFC 7578 multipart/form-data; application/x-www-form-urlencoded), read strictly:
// what two readers could understand differently is refused.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "phyllo/core/result.hpp"

namespace phyllo::enrollment {

inline constexpr std::size_t form_bytes_max = 64 * 1024;
inline constexpr std::size_t form_fields_max = 16;

using form = std::map<std::string, std::string>;  // each name once

// By the request's Content-Type. core::errc::malformed with the reason: another type, no boundary, over the bounds,
// a name twice, a part that is no form-data or is encoded for transfer, a missing end.
[[nodiscard]] core::result<form> parse_form(std::string_view content_type, std::string_view body);

// The other way: a multipart/form-data body of these fields. `csr` gets its own content type, application/pkcs10
// (RFC 6940 s.11.3). `boundary` must not occur in any value.
[[nodiscard]] std::string print_multipart(const form& fields, std::string_view boundary);

}  // namespace phyllo::enrollment
