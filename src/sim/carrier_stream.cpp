#include "carrier_stream.hpp"

#include <algorithm>
#include <deque>

#include "phyllo/transport/errc.hpp"

namespace phyllo::sim {

struct carrier_stream::end {
  explicit end(party p) : who(std::move(p)), reader(who.at->env().make_timer()) {}
  party who;
  std::deque<std::uint8_t> came;
  bool closed = false;  // here, or the other side has, and all that it sent is here
  std::unique_ptr<core::timer> reader;
};

struct carrier_stream::pipe {
  pipe(network& n, party a, party b) : net(n), ends{end(std::move(a)), end(std::move(b))} {}
  network& net;
  std::array<end, 2> ends;

  // Where the other end is out of reach nothing comes any more: the stream falls silent, or breaks where hosts reset.
  [[nodiscard]] bool whole() const { return net.reach(ends[0].who.at->index(), ends[1].who.at->index()); }
  [[nodiscard]] core::time_point arrival() const {
    return net.world().now() + net.distance(ends[0].who.at->index(), ends[1].who.at->index());
  }
  void shut(std::size_t side) {
    ends.at(side).closed = true;
    ends.at(side).reader->cancel();
  }
};

std::pair<std::unique_ptr<transport::stream>, std::unique_ptr<transport::stream>> carrier_stream::make(network& n, party a, party b) {
  const auto p = std::make_shared<pipe>(n, std::move(a), std::move(b));
  return {std::unique_ptr<transport::stream>(new carrier_stream(p, 0)), std::unique_ptr<transport::stream>(new carrier_stream(p, 1))};
}

core::awaitable<core::result<std::size_t>> carrier_stream::read(std::span<std::uint8_t> into, core::time_point deadline) {
  const auto p = pipe_;
  auto& mine = p->ends.at(side_);
  while (mine.came.empty() && !mine.closed && p->net.world().now() < deadline) {  // ends so
    mine.reader->set(deadline);
    co_await mine.reader->wait();
  }
  if (mine.came.empty()) co_return core::fail(mine.closed ? transport::errc::closed : transport::errc::timed_out);
  const auto n = std::min(into.size(), mine.came.size());
  std::copy_n(mine.came.begin(), n, into.begin());
  mine.came.erase(mine.came.begin(), mine.came.begin() + static_cast<std::ptrdiff_t>(n));
  co_return n;
}

core::awaitable<core::status> carrier_stream::write(core::byte_view data, core::time_point) {
  const auto p = pipe_;
  if (p->ends.at(side_).closed) co_return core::fail(transport::errc::closed);
  if (!p->whole()) {
    if (p->net.resets) p->net.world().at(p->arrival(), [p, side = side_] { p->shut(side); });
    co_return core::status();
  }
  p->net.world().at(p->arrival(), [p, to = 1 - side_, copy = core::to_bytes(data)] {
    auto& theirs = p->ends.at(to);
    if (theirs.closed || !p->whole()) return;
    theirs.came.insert(theirs.came.end(), copy.begin(), copy.end());
    theirs.reader->cancel();
  });
  co_return core::status();
}

void carrier_stream::close() {
  if (pipe_->ends.at(side_).closed) return;
  pipe_->shut(side_);
  if (pipe_->whole()) pipe_->net.world().at(pipe_->arrival(), [p = pipe_, to = 1 - side_] { p->shut(to); });
}

transport::endpoint carrier_stream::local() const { return pipe_->ends.at(side_).who.address; }
transport::endpoint carrier_stream::remote() const { return pipe_->ends.at(1 - side_).who.address; }
const identity::certificate* carrier_stream::peer() const { return &pipe_->ends.at(1 - side_).who.certificate; }

}  // namespace phyllo::sim
