#include "peer/document_assembly.hpp"

#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/revocation_message.hpp"

namespace phyllo::overlay {
namespace {

constexpr std::size_t document_bytes_max = 1U << 20U;

}  // namespace

core::bytes document_assembly::question() const {
  core::bytes out;
  core::wire_writer w(out);
  w.u32(static_cast<std::uint32_t>(text_.size()));
  return out;
}

core::status document_assembly::take(core::byte_view answer) {
  const auto p = document_piece::decode(answer);
  if (!p) return core::fail(p.error());
  const bool goes_on = !begun_ || (sequence_ == p->sequence && size_ == p->size);
  if (!goes_on || p->piece.empty() || p->size > document_bytes_max || text_.size() + p->piece.size() > p->size)
    return core::fail(errc::invalid_message, "a piece that does not fit");
  text_ += core::as_text(p->piece);
  begun_ = true;
  sequence_ = p->sequence;
  size_ = p->size;
  return {};
}

}  // namespace phyllo::overlay
