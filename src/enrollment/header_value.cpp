#include "header_value.hpp"

#include <algorithm>

namespace phyllo::enrollment {
namespace {

bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

bool is_token(char c) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~/";  // a slash too: values are media types
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
}

void skip_space(std::string_view& in) {
  while (!in.empty() && is_space(in.front())) in.remove_prefix(1);  // ends with the spaces
}

std::string take_token(std::string_view& in) {
  const auto end = std::ranges::find_if_not(in, is_token);
  std::string token(in.begin(), end);
  in.remove_prefix(token.size());
  return token;
}

// After the opening quote; nothing: no closing one.
std::optional<std::string> take_quoted(std::string_view& in) {
  std::string out;
  while (!in.empty()) {  // ends at the closing quote, or with the text
    const char c = in.front();
    in.remove_prefix(1);
    if (c == '"') return out;
    if (c != '\\') {
      out += c;
    } else if (!in.empty()) {
      out += in.front();
      in.remove_prefix(1);
    }
  }
  return std::nullopt;
}

std::optional<std::string> take_value(std::string_view& in) {
  if (!in.empty() && in.front() == '"') {
    in.remove_prefix(1);
    return take_quoted(in);
  }
  auto token = take_token(in);
  if (token.empty()) return std::nullopt;
  return token;
}

bool take_parameter(std::string_view& in, std::map<std::string, std::string>& to) {
  if (in.front() != ';') return false;
  in.remove_prefix(1);
  skip_space(in);
  const auto name = lower(take_token(in));
  if (name.empty() || in.empty() || in.front() != '=') return false;
  in.remove_prefix(1);
  auto value = take_value(in);
  skip_space(in);
  return value && to.emplace(name, *std::move(value)).second;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::optional<header_value> header_value::parse(std::string_view text) {
  header_value h;
  skip_space(text);
  h.value = lower(take_token(text));
  if (h.value.empty()) return std::nullopt;
  skip_space(text);
  while (!text.empty()) {  // ends with the text, or at the first parameter that is none
    if (!take_parameter(text, h.parameters)) return std::nullopt;
  }
  return h;
}

const std::string* header_value::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? nullptr : &found->second;
}

}  // namespace phyllo::enrollment
