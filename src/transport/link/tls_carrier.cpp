#include "link/tls_carrier.hpp"

#include <array>
#include <asio/buffer.hpp>
#include <asio/post.hpp>

#include "phyllo/transport/errc.hpp"
#include "port/socket_tools.hpp"

namespace phyllo::transport {
namespace {

constexpr int reads_in_a_row_max = 8;  // then others' turn comes

}  // namespace

tls_carrier::tls_carrier(asio::ip::tcp::socket socket, std::unique_ptr<tls_engine> engine, core::bytes unsent, const endpoint& remote)
    : socket_(std::move(socket)),
      engine_(std::move(engine)),
      local_(local_endpoint(socket_)),
      remote_(remote),
      unsent_(std::move(unsent)),
      splitter_(max_message) {}

std::size_t tls_carrier::frame_bytes_max() const noexcept { return max_message + data_header_size; }

void tls_carrier::attach(carrier_owner* owner) {
  owner_ = owner;
  if (owner == nullptr || reading_) return;
  reading_ = true;
  flush();
  // What came together with the handshake's end waits in the engine, so the first turn does not wait for the socket.
  asio::post(socket_.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_readable();
  });
}

core::status tls_carrier::send_frame(core::byte_view frame) {
  if (!socket_.is_open()) return core::fail(errc::closed);
  // ACKs do not ask writable(): a peer that sends and never reads loses them in the end.
  if (unsent_.size() - sent_ > 2 * unsent_bytes_max) return core::fail(errc::overloaded, "the peer does not read");
  if (auto written = engine_->write(frame); !written) return written;
  flush();
  return {};
}

void tls_carrier::close() {
  if (!socket_.is_open()) return;
  engine_->shutdown();
  flush();
  close_socket(socket_);
}

void tls_carrier::await_readable() {
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [weak = weak_from_this()](const asio::error_code& ec) {
    if (const auto self = weak.lock(); self && !ec) self->on_readable();
  });
}

void tls_carrier::await_writable() {
  if (waiting_) return;
  waiting_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_write, [weak = weak_from_this()](const asio::error_code& ec) {
    const auto self = weak.lock();
    if (!self || ec) return;
    self->waiting_ = false;
    const bool full = !self->writable();
    self->flush();
    if (full && self->writable() && self->owner_ != nullptr) self->owner_->on_writable();
  });
}

void tls_carrier::on_readable() {
  __attribute__((uninitialized)) std::array<std::uint8_t, 16384> buffer;  // filled by read; zeros cost here
  for (int turn = 0; turn < reads_in_a_row_max && on_bytes(); ++turn) {
    asio::error_code ec;
    const auto n = socket_.read_some(asio::buffer(buffer), ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) break;
    if (ec) return fail(core::error(errc::closed, ec == asio::error::eof ? "the peer hung up" : ec.message()));
    engine_->feed(core::byte_view(buffer).first(n));
  }
  if (!on_bytes()) return;
  flush();
  if (socket_.is_open()) await_readable();
}

// Decrypts and delivers what was fed; false once closed.
bool tls_carrier::on_bytes() {
  __attribute__((uninitialized)) std::array<std::uint8_t, 16384> plain;  // filled by read; zeros cost here
  while (owner_ != nullptr) {                                            // ends when the engine wants more, or we are closed
    const auto n = engine_->read(plain);
    if (!n) {
      fail(n.error());
      return false;
    }
    if (*n == 0) return true;
    splitter_.feed(core::byte_view(plain).first(*n));
    while (owner_ != nullptr) {  // ends with the last whole frame
      const auto frame = splitter_.next();
      if (!frame) {
        fail(frame.error());
        return false;
      }
      if (!*frame) break;
      owner_->on_frame(**frame);
    }
  }
  return false;
}

void tls_carrier::flush() {
  for (const auto& bytes : engine_->take_output()) core::append(unsent_, bytes);
  while (sent_ < unsent_.size() && socket_.is_open()) {  // ends when all is sent or the socket is full
    asio::error_code ec;
    sent_ += socket_.write_some(asio::buffer(unsent_.data() + sent_, unsent_.size() - sent_), ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) {
      unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(std::exchange(sent_, 0)));
      return await_writable();
    }
    if (ec) break;  // the reader hears of it too
  }
  unsent_.clear();
  sent_ = 0;
}

void tls_carrier::fail(const core::error& why) {
  const auto self = shared_from_this();
  close_socket(socket_);
  if (auto* owner = std::exchange(owner_, nullptr)) owner->on_ended(why);
}

}  // namespace phyllo::transport
