#include "storage/record_log.hpp"

#include <algorithm>

#include "phyllo/core/wire.hpp"
#include "phyllo/identity/digest.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::string_view magic = "PHYLLO RECORDS\n";
constexpr std::uint8_t format_version = 1;
constexpr std::size_t check_bytes = 16;
constexpr std::size_t frame_head = 4 + check_bytes;
enum : std::uint8_t { certificate_frame = 1, value_frame = 2 };

core::bytes check_of(core::byte_view data) {
  const auto whole = identity::sha256(data);
  return {whole.begin(), whole.begin() + check_bytes};
}

void append_frame(core::bytes& out, core::byte_view body) {
  core::wire_writer w(out);
  w.u32(static_cast<std::uint32_t>(body.size()));
  w.raw(check_of(body));
  w.raw(body);
}

}  // namespace

core::bytes encode_log_header(const std::string& overlay_name) {
  core::bytes out = core::to_bytes(magic);
  core::wire_writer w(out);
  w.u8(format_version);
  w.opaque(1, core::as_bytes(overlay_name));
  const auto check = check_of(out);
  w.raw(check);
  return out;
}

void append_certificate(core::bytes& out, core::byte_view der) {
  core::bytes body{certificate_frame};
  core::append(body, der);
  append_frame(out, body);
}

void append_value(core::bytes& out, const saved_value& v) {
  core::bytes body{value_frame};
  core::wire_writer w(body);
  write_resource(w, v.resource);
  w.u32(v.kind);
  w.u64(v.generation);
  w.u64(v.expires_ms);
  v.data.write(w);
  append_frame(out, body);
}

void log_reader::add(core::byte_view piece) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
  at_ = 0;
  core::append(buffer_, piece);
}

log_reader::step log_reader::next() {
  if (broken_) return *broken_;
  if (!begun_) {
    const auto s = read_header();
    if (s == step::foreign) broken_ = s;
    if (!begun_) return s;
  }
  core::wire_reader r(core::byte_view(buffer_).subspan(at_));
  const auto size = r.u32();
  const auto check = r.take(check_bytes);
  if (!r.ok()) return step::more;
  if (size == 0 || size > frame_max) return *(broken_ = step::damaged);
  const auto body = r.take(size);
  if (!r.ok()) return step::more;
  if (!std::ranges::equal(check, check_of(body))) return *(broken_ = step::damaged);
  at_ += frame_head + size;
  return read_body(body);
}

log_reader::step log_reader::read_header() {
  const auto data = core::byte_view(buffer_).subspan(at_);
  const auto known = std::min(data.size(), magic.size());
  if (!std::ranges::equal(data.first(known), core::as_bytes(magic).first(known))) return step::foreign;
  const auto expected = encode_log_header(overlay_name_);
  if (data.size() < expected.size()) return step::more;
  if (!std::ranges::equal(data.first(expected.size()), expected)) return step::foreign;
  at_ += expected.size();
  begun_ = true;
  return step::more;
}

log_reader::step log_reader::read_body(core::byte_view body) {
  core::wire_reader r(body);
  const auto type = r.u8();
  if (type == certificate_frame) {
    der_ = core::to_bytes(r.rest());
    return step::certificate;
  }
  if (type != value_frame) return step::unknown;
  value_.resource = read_resource(r);
  value_.kind = r.u32();
  value_.generation = r.u64();
  value_.expires_ms = r.u64();
  const auto* k = find_kind(kinds_, value_.kind);
  if (!r.ok() || k == nullptr) return r.ok() ? step::unknown : *(broken_ = step::damaged);
  value_.data = stored_data::read(r, k->model);
  return r.done() ? step::value : step::unknown;  // its Kind has another data model now
}

}  // namespace phyllo::overlay
