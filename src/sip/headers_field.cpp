#include "headers_field.hpp"

#include <algorithm>
#include <array>

#include "uri.hpp"

namespace phyllo::sip {
namespace {

struct known_field {
  std::string_view name;
  char compact;  // 0: none
  field id;
};

constexpr std::array<known_field, 29> known_fields{{
    {"Accept-Contact", 'a', field::other},  // RFC 3841
    {"Allow-Events", 'u', field::other},    // RFC 6665
    {"Authorization", 0, field::authorization},
    {"CSeq", 0, field::cseq},
    {"Call-ID", 'i', field::call_id},
    {"Contact", 'm', field::contact},
    {"Content-Encoding", 'e', field::other},
    {"Content-Length", 'l', field::content_length},
    {"Content-Type", 'c', field::content_type},
    {"Event", 'o', field::other},  // RFC 6665
    {"Expires", 0, field::expires},
    {"From", 'f', field::from},
    {"Identity", 'y', field::other},  // RFC 8224
    {"Max-Forwards", 0, field::max_forwards},
    {"Path", 0, field::path},
    {"Proxy-Authorization", 0, field::proxy_authorization},
    {"Proxy-Require", 0, field::proxy_require},
    {"Record-Route", 0, field::record_route},
    {"Refer-To", 'r', field::other},             // RFC 3515
    {"Referred-By", 'b', field::other},          // RFC 3892
    {"Reject-Contact", 'j', field::other},       // RFC 3841
    {"Request-Disposition", 'd', field::other},  // RFC 3841
    {"Require", 0, field::require},
    {"Route", 0, field::route},
    {"Session-Expires", 'x', field::other},  // RFC 4028
    {"Subject", 's', field::other},
    {"Supported", 'k', field::supported},
    {"To", 't', field::to},
    {"Via", 'v', field::via},
}};

const known_field* find(std::string_view name) noexcept {
  const char initial = name.empty() ? '\0' : static_cast<char>(name[0] | 0x20);
  const auto matches = [name, initial](const known_field& k) {
    if (name.size() == 1) return k.compact != 0 && (name[0] | 0x20) == k.compact;
    return k.name.size() == name.size() && (k.name[0] | 0x20) == initial && equal_ignoring_case(name, k.name);
  };
  const auto* at = std::find_if(known_fields.begin(), known_fields.end(), matches);
  return at == known_fields.end() ? nullptr : at;
}

constexpr std::string_view token_marks = "-.!%*_+`'~";

}  // namespace

field field_of(std::string_view name) noexcept {
  const auto* k = find(name);
  return k == nullptr ? field::other : k->id;
}

std::string_view long_name(std::string_view name) noexcept {
  if (name.size() != 1) return name;
  const auto* k = find(name);
  return k == nullptr ? name : k->name;
}

bool is_token(std::string_view text) noexcept {
  const auto token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || token_marks.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), token);
}

}  // namespace phyllo::sip
