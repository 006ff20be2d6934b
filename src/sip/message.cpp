#include "message.hpp"

#include <algorithm>

#include "message_impl.hpp"

namespace phyllo::sip {
namespace {

const address no_address{};

std::string unfolded(std::string_view text) {
  std::string out(text);
  std::replace_if(out.begin(), out.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return out;
}

template <class Impl>
std::vector<std::string_view> tokens(const Impl& m, field id) {
  std::vector<std::string_view> out;
  static_cast<void>(m.values(id, out));
  return out;
}

}  // namespace

message::message(std::unique_ptr<impl> i) noexcept : impl_(std::move(i)) {}
message::message(message&&) noexcept = default;
message& message::operator=(message&&) noexcept = default;
message::~message() = default;

message message::copy() const { return message(impl_->share()); }

const std::optional<refusal>& message::defect() const noexcept { return impl_->defect; }
bool message::is_request() const noexcept { return impl_->is_request; }
method message::method() const noexcept { return impl_->method; }
std::string_view message::method_name() const noexcept { return impl_->method_name; }
const uri& message::request_uri() const noexcept { return impl_->request_uri; }
int message::status() const noexcept { return impl_->status; }
std::string_view message::phrase() const noexcept { return impl_->phrase; }

std::string_view message::call_id() const noexcept {
  const auto* line = impl_->first(field::call_id);
  return line == nullptr ? std::string_view() : line->value;
}

cseq message::cseq() const noexcept {
  const auto* line = impl_->first(field::cseq);
  if (line == nullptr) return {};
  return parse_cseq(line->value).value_or(sip::cseq{});
}

const address& message::from() const {
  impl_->parse_single(field::from, impl_->parsed.from);
  return impl_->parsed.from ? *impl_->parsed.from : no_address;
}

const address& message::to() const {
  impl_->parse_single(field::to, impl_->parsed.to);
  return impl_->parsed.to ? *impl_->parsed.to : no_address;
}

std::string_view message::from_tag() const { return from().tag; }
std::string_view message::to_tag() const { return to().tag; }

std::optional<via> message::top_via() const {
  const auto& all = vias();
  return all.empty() ? std::nullopt : std::optional<via>(all.front());
}

std::string_view message::top_via_text() const {
  std::vector<std::string_view> of_line;
  if (const auto* top = impl_->first(field::via)) static_cast<void>(split_values(top->value, of_line));
  return of_line.empty() ? std::string_view() : of_line.front();
}

const std::vector<via>& message::vias() const {
  impl_->parse_vias();
  return *impl_->parsed.vias;
}

const std::vector<address>& message::routes() const {
  impl_->parse_addresses(field::route, impl_->parsed.routes);
  return *impl_->parsed.routes;
}

std::optional<address> message::first_route() const {
  const auto& all = routes();
  return all.empty() ? std::nullopt : std::optional<address>(all.front());
}

const std::vector<address>& message::record_routes() const {
  impl_->parse_addresses(field::record_route, impl_->parsed.record_routes);
  return *impl_->parsed.record_routes;
}

const std::vector<address>& message::paths() const {
  impl_->parse_addresses(field::path, impl_->parsed.paths);
  return *impl_->parsed.paths;
}

std::vector<std::string> message::path_texts() const {
  std::vector<std::string> out;
  for (const auto value : tokens(*impl_, field::path)) out.push_back(unfolded(value));
  return out;
}

const std::vector<contact>& message::contacts() const {
  impl_->parse_contacts();
  return *impl_->parsed.contacts;
}

std::optional<std::uint32_t> message::expires() const {
  const auto* line = impl_->first(field::expires);
  if (line == nullptr) return std::nullopt;
  // s.20.19: "Malformed values SHOULD be treated as equivalent to 3600."
  return parse_number(line->value).value_or(3600);
}

std::optional<std::uint32_t> message::max_forwards() const {
  const auto* line = impl_->first(field::max_forwards);
  return line == nullptr ? std::nullopt : parse_number(line->value);
}

std::vector<std::string_view> message::supported() const { return tokens(*impl_, field::supported); }
std::vector<std::string_view> message::require() const { return tokens(*impl_, field::require); }
std::vector<std::string_view> message::proxy_require() const { return tokens(*impl_, field::proxy_require); }

namespace {

std::vector<credentials> all_credentials(message::impl& m, field id) {
  std::vector<credentials> out;
  for (const auto& line : m.lines) {
    if (line.id != id) continue;
    // Malformed ones keep their place, with no scheme, so that an index names a line.
    out.push_back(parse_credentials(m.home(), line.value).value_or(credentials{}));
  }
  return out;
}

}  // namespace

std::vector<credentials> message::authorizations() const { return all_credentials(*impl_, field::authorization); }
std::vector<credentials> message::proxy_authorizations() const { return all_credentials(*impl_, field::proxy_authorization); }

std::vector<std::string> message::headers(std::string_view name) const {
  const auto wanted = long_name(name);
  std::vector<std::string> out;
  for (const auto& line : impl_->lines)
    if (equal_ignoring_case(long_name(line.name), wanted)) out.push_back(unfolded(line.value));
  return out;
}

std::optional<std::string> message::header(std::string_view name) const {
  const auto wanted = long_name(name);
  for (const auto& line : impl_->lines)
    if (equal_ignoring_case(long_name(line.name), wanted)) return unfolded(line.value);
  return std::nullopt;
}

core::byte_view message::body() const noexcept { return core::as_bytes(impl_->body); }

std::string message::print() const {
  constexpr std::string_view version = "SIP/2.0";
  constexpr std::size_t start_line_rest = 64;
  std::size_t size = start_line_rest + impl_->uri_text.size() + impl_->phrase.size() + impl_->body.size();
  for (const auto& line : impl_->lines) size += line.raw.size();
  std::string out;
  out.reserve(size);
  if (impl_->is_request)
    out.append(impl_->method_name).append(" ").append(impl_->uri_text).append(" ").append(version).append("\r\n");
  else
    out.append(version).append(" ").append(std::to_string(impl_->status)).append(" ").append(impl_->phrase).append("\r\n");
  bool length_said = false;
  for (const auto& line : impl_->lines) {
    out.append(line.raw);
    length_said = length_said || line.id == field::content_length;
  }
  if (!length_said) out.append("Content-Length: ").append(std::to_string(impl_->body.size())).append("\r\n");
  return out.append("\r\n").append(impl_->body);
}

}  // namespace phyllo::sip
