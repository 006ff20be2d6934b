#include "reload/revocation_message.hpp"

#include "phyllo/core/wire.hpp"

namespace phyllo::overlay {
namespace {

template <class T>
core::result<T> finish(const core::wire_reader& r, T value, const char* what) {
  if (!r.done()) return core::fail(errc::invalid_message, what);
  return value;
}

}  // namespace

core::bytes revocation_announcement::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.opaque(2, head);
  w.u8(share);
  w.opaque(2, delta);
  return out;
}

core::result<revocation_announcement> revocation_announcement::decode(core::byte_view data) {
  core::wire_reader r(data);
  revocation_announcement a;
  a.head = core::to_bytes(r.opaque(2));
  a.share = r.u8();
  a.delta = core::to_bytes(r.opaque(2));
  return finish(r, std::move(a), "Update(revocations)");
}

core::bytes revocation_question::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u64(number);
  w.u64(sought);
  w.u8(share);
  w.u8(static_cast<std::uint8_t>(want));
  const auto list = w.open(2);
  for (const auto i : leaves) w.u16(i);
  w.close(list);
  return out;
}

core::result<revocation_question> revocation_question::decode(core::byte_view data) {
  core::wire_reader r(data);
  revocation_question q;
  q.number = r.u64();
  q.sought = r.u64();
  q.share = r.u8();
  q.want = static_cast<revocation_want>(r.u8());
  if (q.want > revocation_want::leaves) r.fail();
  core::wire_reader list(r.opaque(2));
  while (list.ok() && !list.empty()) q.leaves.push_back(list.u16());  // ends with the list
  if (!list.ok()) r.fail();
  return finish(r, std::move(q), "RouteQueryReq(revocations)");
}

core::bytes revocation_answer::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u64(number);
  w.opaque(2, head);
  w.u8(share);
  w.u8(static_cast<std::uint8_t>(gift));
  w.raw(content);
  for (const auto& l : leaves) {
    w.u16(l.index);
    w.opaque(2, l.entries);
  }
  return out;
}

core::result<revocation_answer> revocation_answer::decode(core::byte_view data) {
  core::wire_reader r(data);
  revocation_answer a;
  a.number = r.u64();
  a.head = core::to_bytes(r.opaque(2));
  a.share = r.u8();
  a.gift = static_cast<revocation_gift>(r.u8());
  switch (a.gift) {
    case revocation_gift::nothing: break;
    case revocation_gift::delta:
    case revocation_gift::digests: a.content = core::to_bytes(r.rest()); break;
    case revocation_gift::leaves:
      while (r.ok() && !r.empty()) {  // ends with the list
        const auto index = r.u16();
        a.leaves.push_back({index, core::to_bytes(r.opaque(2))});
      }
      break;
    default: r.fail();
  }
  return finish(r, std::move(a), "RouteQueryAns(revocations)");
}

core::bytes document_piece::encode() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u16(sequence);
  w.u32(size);
  w.raw(piece);
  return out;
}

core::result<document_piece> document_piece::decode(core::byte_view data) {
  core::wire_reader r(data);
  document_piece p;
  p.sequence = r.u16();
  p.size = r.u32();
  p.piece = core::to_bytes(r.rest());
  return finish(r, std::move(p), "RouteQueryAns(document)");
}

}  // namespace phyllo::overlay
