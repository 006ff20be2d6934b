#include "request_check.hpp"

#include <algorithm>
#include <charconv>

#include "message_fields.hpp"
#include "privacy.hpp"

namespace phyllo::sip {

std::vector<std::string_view> unsupported_extensions(const message& m) {
  auto tags = option_tags(m, field::proxy_require);
  std::erase_if(tags, [](std::string_view tag) { return equal_ignoring_case(tag, "privacy"); });
  return tags;
}

std::optional<refusal> check_request(const message& m) {
  if (!m.request_uri().is_sip()) return refusal{416, "Unsupported URI Scheme"};
  if (m.max_forwards() == 0U) return refusal{483, "Too Many Hops"};
  if (!unsupported_extensions(m).empty()) return refusal{420, "Bad Extension"};
  return privacy_refusal(m);
}

std::uint64_t passage_of(const core::hash_key& key, const message& m) {
  std::string text(m.call_id());
  text.append("\n").append(m.from().tag).append("\n").append(m.to().tag);
  text.append("\n").append(std::to_string(m.cseq().number)).append(m.method_name()).append("\n").append(m.request_uri().text());
  for (const auto& r : m.routes()) text.append("\n").append(r.uri.text());
  return core::keyed_hash(key, text);
}

bool has_own_via(const message& m, const own_names& own) {
  return std::ranges::any_of(m.vias(), [&](const via& v) { return own.is_self(v); });
}

std::uint32_t max_breadth_of(const message& m) {
  constexpr std::uint32_t assumed = 60;
  const auto text = m.header("Max-Breadth");
  if (!text) return assumed;
  std::uint32_t value = 0;
  const auto [end, ec] = std::from_chars(text->data(), text->data() + text->size(), value);
  return ec == std::errc() && end == text->data() + text->size() ? value : assumed;
}

}  // namespace phyllo::sip
