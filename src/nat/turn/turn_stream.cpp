#include "turn/turn_stream.hpp"

#include <array>

namespace phyllo::nat {
namespace {

constexpr core::duration write_timeout = std::chrono::seconds(10);

}  // namespace

turn_stream::turn_stream(core::environment& env, std::unique_ptr<transport::stream> s)
    : env_(env),
      stream_(std::move(s)),
      tuple_{stream_->remote(), stream_->local(), stream_->secure() ? client_transport::tls : client_transport::tcp},
      signal_(env.make_timer()) {}

bool turn_stream::write(core::byte_view data) {
  if (closed_ || waiting_.size() + data.size() > waiting_max) return false;
  core::append(waiting_, data);
  ends_.push_back(waiting_.size());
  stream_->hold(waiting_.size());
  signal_->cancel();
  return true;
}

core::awaitable<void> turn_stream::read(std::function<void(stun::framing::piece)> heard, std::function<core::duration()> idle) {
  stun::framing framing;
  std::array<std::uint8_t, 8192> buffer;  // NOLINT: filled by read
  core::turn turn;
  while (!closed_) {  // ends as the header says
    const auto n = co_await stream_->read(buffer, env_.now() + idle());
    if (!n) co_return;
    framing.feed(core::byte_view(buffer).first(*n));
    for (auto piece = framing.next(); piece.what != stun::framing::event::need_more; piece = framing.next()) {
      if (piece.what == stun::framing::event::broken) co_return;
      heard(piece);
    }
    if (turn.over_after(*n)) co_await stream_->rest();
  }
}

// Messages that wait go together, but in TLS each is a record of its own: there are clients (coturn's) that look for one in a record only.
core::awaitable<core::status> turn_stream::write_messages(core::byte_view all, const std::vector<std::size_t>& ends) {
  const auto deadline = env_.now() + write_timeout;
  if (!stream_->secure()) co_return co_await stream_->write(all, deadline);
  std::size_t from = 0;
  for (const auto end : ends) {
    if (auto written = co_await stream_->write(all.subspan(from, end - from), deadline); !written) co_return written;
    from = end;
  }
  co_return core::status();
}

core::awaitable<void> turn_stream::write_all() {
  core::bytes now;
  std::vector<std::size_t> ends;
  while (!closed_) {  // ends by close()
    if (waiting_.empty()) {
      signal_->set(core::time_point::max());
      co_await signal_->wait();
      continue;
    }
    now.clear();
    now.swap(waiting_);
    ends.clear();
    ends.swap(ends_);
    const auto written = co_await write_messages(now, ends);
    stream_->hold(waiting_.size());
    if (!written) close();
  }
}

void turn_stream::close() {
  closed_ = true;
  stream_->close();
  signal_->cancel();
}

}  // namespace phyllo::nat
