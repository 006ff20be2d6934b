#include "message.hpp"

#include "message_impl.hpp"

namespace phyllo::sip {
namespace {

using namespace std::string_view_literals;

const address no_address{};

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

const std::vector<via>& message::vias() const {
  impl_->parse_vias();
  return *impl_->parsed.vias;
}

const std::vector<address>& message::routes() const {
  impl_->parse_addresses(field::route, impl_->parsed.routes);
  return *impl_->parsed.routes;
}

const std::vector<address>& message::record_routes() const {
  impl_->parse_addresses(field::record_route, impl_->parsed.record_routes);
  return *impl_->parsed.record_routes;
}

const std::vector<address>& message::paths() const {
  impl_->parse_addresses(field::path, impl_->parsed.paths);
  return *impl_->parsed.paths;
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

core::status message::add_header(std::string_view name, std::string_view value) {
  if (!is_token(name)) return core::fail(errc::malformed, "the name of a header field is no token");
  if (value.find_first_of("\r\n\0"sv) != std::string_view::npos) return core::fail(errc::malformed, "a CR, LF or NUL in a header field");
  impl_->append(field_of(name), name, value);
  return {};
}

void message::remove_headers(std::string_view name) {
  const auto wanted = long_name(name);
  const auto known = field_of(wanted);
  std::erase_if(impl_->lines, [wanted](const header_line& l) { return equal_ignoring_case(long_name(l.name), wanted); });
  impl_->forget(known);
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
