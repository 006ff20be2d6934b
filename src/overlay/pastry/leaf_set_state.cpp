#include "pastry/leaf_set_state.hpp"

#include <algorithm>
#include <chrono>

namespace phyllo::overlay {
namespace {

constexpr std::size_t rows_max = 128;

}  // namespace

void leaf_set_state::write(core::wire_writer& w) const {
  w.u8(version);
  w.u32(incarnation);
  w.u64(clock_ms);
  w.u8(flags);
  write_places(w, own, own_places_max);
  write_nodes(w, left);
  write_nodes(w, right);
  write_nodes(w, failed);
  named.write(w);
  write_grants(w, grants);
}

leaf_set_state leaf_set_state::read(core::wire_reader& r) {
  leaf_set_state s;
  if (r.u8() != version) r.fail();
  s.incarnation = r.u32();
  s.clock_ms = r.u64();
  s.flags = r.u8();
  s.own = read_places(r);
  s.left = read_nodes(r);
  s.right = read_nodes(r);
  s.failed = read_nodes(r);
  s.named = place_list::read(r, s.left.size() + s.right.size());
  s.grants = read_grants(r);
  return s;
}

std::uint32_t microseconds(core::duration d) noexcept {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
  return static_cast<std::uint32_t>(std::clamp<decltype(us)>(us, 0, 0xffffffff));
}

void write_rows(core::wire_writer& w, const std::vector<table_row>& rows) {
  const auto m = w.open(2);
  for (const auto& row : rows) {
    w.u8(row.row);
    write_nodes(w, row.entries);
    const auto rtts = w.open(2);
    for (std::size_t i = 0; i < row.entries.size(); ++i) w.u32(i < row.rtts.size() ? row.rtts[i] : 0);
    w.close(rtts);
    row.named.write(w);
  }
  w.close(m);
}

std::vector<table_row> read_rows(core::wire_reader& r) {
  core::wire_reader list(r.opaque(2));
  std::vector<table_row> out;
  while (r.ok() && !list.empty()) {  // ends with the list
    table_row row;
    row.row = list.u8();
    row.entries = read_nodes(list);
    core::wire_reader rtts(list.opaque(2));
    while (rtts.ok() && !rtts.empty()) row.rtts.push_back(rtts.u32());  // ends with the list
    if (!rtts.ok() || row.rtts.size() != row.entries.size()) r.fail();
    row.named = place_list::read(list, row.entries.size());
    if (!list.ok() || out.size() == rows_max) {
      r.fail();
    } else {
      out.push_back(std::move(row));
    }
  }
  return out;
}

}  // namespace phyllo::overlay
