// Bounded, strict reading of XML from strangers, and of the simple types of XML Schema, over pugixml.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <pugixml.hpp>
#include <string_view>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::identity {

inline constexpr std::size_t document_bytes_max = 1024 * 1024;
inline constexpr int nesting_max = 16;  // ours needs 5

// malformed_document: over the bounds, with a document type (nobody needs one, and entities are how XML is made to
// explode), not UTF-8, or not well-formed; the detail names line and column. An element's text is one node.
[[nodiscard]] core::status read_xml(pugi::xml_document& into, std::string_view text);

// "line 3, column 14" of the byte at `offset`.
[[nodiscard]] std::string place_in(std::string_view text, std::size_t offset);

// An element of the base namespace: without a prefix, and with no default namespace of its own.
[[nodiscard]] bool is_plain_element(const pugi::xml_node& n) noexcept;

// An element of another namespace: by a default namespace of its own, or by a prefix. A prefix that is declared outside of the bytes at
// hand, which are all that is signed, is taken for the one that is looked for.
[[nodiscard]] bool is_element_of(const pugi::xml_node& n, std::string_view space, std::string_view name);
[[nodiscard]] std::string_view local_name(const pugi::xml_node& n) noexcept;  // without its prefix

[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;
[[nodiscard]] std::string_view text_of(const pugi::xml_node& n) noexcept;  // trimmed

// xsd:boolean: "1", "true", "0", "false".
[[nodiscard]] std::optional<bool> to_boolean(std::string_view text) noexcept;
// RFC 3339 in UTC: "2026-01-02T03:04:05Z", with or without a fraction.
[[nodiscard]] std::optional<core::wall_time> to_time(std::string_view text) noexcept;

template <std::unsigned_integral T>
[[nodiscard]] std::optional<T> to_number(std::string_view text) noexcept {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace phyllo::identity
