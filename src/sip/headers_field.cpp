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

constexpr char small_letter(char c) noexcept { return static_cast<char>(c | 0x20); }

// Where the fields begin whose names begin with each letter: they stand in the order of these.
constexpr auto begin_of = [] {
  std::array<std::uint8_t, 27> out{};
  std::size_t at = 0;
  for (std::size_t letter = 0; letter < out.size(); ++letter) {
    while (at < known_fields.size() && static_cast<std::size_t>(small_letter(known_fields[at].name[0]) - 'a') < letter) ++at;
    out[letter] = static_cast<std::uint8_t>(at);
  }
  return out;
}();

const known_field* find(std::string_view name) noexcept {
  const char initial = name.empty() ? '\0' : small_letter(name[0]);
  if (initial < 'a' || initial > 'z') return nullptr;
  if (name.size() == 1) {
    const auto* at = std::ranges::find(known_fields, initial, &known_field::compact);
    return at == known_fields.end() ? nullptr : at;
  }
  const auto letter = static_cast<std::size_t>(initial - 'a');
  for (std::size_t i = begin_of[letter]; i < begin_of[letter + 1]; ++i)
    if (known_fields[i].name.size() == name.size() && equal_ignoring_case(name, known_fields[i].name)) return &known_fields[i];
  return nullptr;
}

// RFC 3261 s.25.1 token.
constexpr auto characters_of_tokens = [] {
  std::array<bool, 256> out{};
  for (std::size_t c = 0; c < out.size(); ++c) out[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  for (const char c : std::string_view("-.!%*_+`'~")) out[static_cast<unsigned char>(c)] = true;
  return out;
}();

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
  return !text.empty() && std::ranges::all_of(text, [](char c) { return characters_of_tokens[static_cast<unsigned char>(c)]; });
}

}  // namespace phyllo::sip
