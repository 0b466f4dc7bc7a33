#include "stone/proof.h"

#include "codec/cbor.h"
#include "crypto/sha256.h"

namespace intaglio::stone {
namespace {

constexpr std::uint64_t kVersion = 2;
constexpr std::size_t kMaxCorners = 4096;
constexpr std::size_t kMaxRows = kFirstObstacle;  // of either kind
constexpr std::size_t kMaxDesigns = 4096;

void put(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = bytes; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

template <typename Triple>
Bytes packed(const std::vector<Triple>& triples) {
  Bytes out;
  out.reserve(12 * triples.size());
  for (const Triple& t : triples) {
    for (const std::int32_t part : {t.x, t.y, t.z}) put(out, static_cast<std::uint32_t>(part), 4);
  }
  return out;
}

std::uint32_t take(ByteView bytes, std::size_t& at, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[at++];
  return value;
}

template <typename Triple>
Result<std::vector<Triple>> unpacked(ByteView bytes, std::size_t most, const char* what) {
  if (bytes.size() % 12 != 0) return refuse(Verdict::bad_encoding, what);
  if (bytes.size() / 12 > most) return refuse(Verdict::too_large, what);
  std::vector<Triple> out;
  for (std::size_t at = 0; at < bytes.size();) {
    Triple t;
    for (std::int32_t* part : {&t.x, &t.y, &t.z}) {
      *part = static_cast<std::int32_t>(take(bytes, at, 4));
    }
    out.push_back(t);
  }
  return out;
}

constexpr std::size_t kObstacleBytes = 20;

Bytes packed(const std::vector<ObstacleSource>& obstacles) {
  Bytes out;
  for (const ObstacleSource& o : obstacles) {
    put(out, o.inclusion, 4);
    put(out, o.corner, 4);
    for (const std::int32_t part : {o.moved.x, o.moved.y, o.moved.z}) {
      put(out, static_cast<std::uint32_t>(part), 4);
    }
  }
  return out;
}

Result<std::vector<ObstacleSource>> unpacked_obstacles(ByteView bytes) {
  if (bytes.size() % kObstacleBytes != 0) return refuse(Verdict::bad_encoding, "obstacles");
  if (bytes.size() / kObstacleBytes > kMaxRows) return refuse(Verdict::too_large, "obstacles");
  std::vector<ObstacleSource> out;
  for (std::size_t at = 0; at < bytes.size();) {
    ObstacleSource o;
    o.inclusion = take(bytes, at, 4);
    o.corner = take(bytes, at, 4);
    for (std::int32_t* part : {&o.moved.x, &o.moved.y, &o.moved.z}) {
      *part = static_cast<std::int32_t>(take(bytes, at, 4));
    }
    out.push_back(o);
  }
  return out;
}

// A cell that is divided is one byte: 5 by spin, 6 by direction, 7 by the box, from 8 on by an
// edge.
constexpr std::uint8_t kFirstEdge = 8;

std::uint8_t division_byte(const ProofCell& cell) {
  switch (cell.kind) {
    case ProofCell::Kind::by_spin: return 5;
    case ProofCell::Kind::by_direction: return 6;
    case ProofCell::Kind::by_box: return 7;
    default: return static_cast<std::uint8_t>(kFirstEdge + cell.edge);
  }
}

std::optional<ProofCell> division_from(std::uint8_t byte) {
  ProofCell cell;
  if (byte == 5) cell.kind = ProofCell::Kind::by_spin;
  if (byte == 6) cell.kind = ProofCell::Kind::by_direction;
  if (byte == 7) cell.kind = ProofCell::Kind::by_box;
  if (byte >= kFirstEdge) {
    cell.kind = ProofCell::Kind::by_edge;
    cell.edge = static_cast<std::uint8_t>(byte - kFirstEdge);
    if (cell.edge >= kTetrahedronEdges.size()) return std::nullopt;
  }
  return cell;
}

// Each cell a byte for its kind; one that is bounded, how many rows do it, and these.
Bytes packed_cells(const std::vector<ProofCell>& cells) {
  Bytes out;
  for (const ProofCell& cell : cells) {
    if (cell.kind != ProofCell::Kind::bounded) {
      out.push_back(division_byte(cell));
      continue;
    }
    const std::size_t mark = out.size();
    out.push_back(0);
    for (std::size_t k = 0; k < 4; ++k) {
      if (cell.weights[k] == 0) continue;
      ++out[mark];
      put(out, cell.rows[k], 2);
      put(out, cell.weights[k], 4);
    }
  }
  return out;
}

// More than proofs of kMaxProof hold in practice; of one byte each they would fill the memory.
constexpr std::size_t kMostCells = 16'000'000;

Result<std::vector<ProofCell>> unpacked_cells(ByteView bytes) {
  std::vector<ProofCell> out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint8_t kind = bytes[at++];
    ProofCell cell;
    if (kind > 4) {
      const auto divided = division_from(kind);
      if (!divided) return refuse(Verdict::bad_encoding, "a kind of cell");
      cell = *divided;
    } else if (bytes.size() - at < 6U * kind) {
      return refuse(Verdict::truncated, "a cell");
    } else {
      for (std::size_t k = 0; k < kind; ++k) {
        cell.rows[k] = static_cast<std::uint16_t>(take(bytes, at, 2));
        cell.weights[k] = take(bytes, at, 4);
        if (cell.weights[k] == 0) return refuse(Verdict::bad_encoding, "a weight of nothing");
      }
    }
    if (out.size() == kMostCells) return refuse(Verdict::too_large, "cells");
    out.push_back(cell);
  }
  return out;
}

}  // namespace

Result<Bytes> encode_proof(const Proof& proof) {
  if (proof.directions.size() > kMaxRows || proof.obstacles.size() > kMaxRows) {
    return refuse(Verdict::too_large, "rows");
  }
  codec::CborWriter out;
  out.array(4);
  out.uint(kVersion);
  out.bytes(packed(proof.directions));
  out.bytes(packed(proof.obstacles));
  out.array(proof.designs.size());
  for (const DesignProof& design : proof.designs) {
    out.array(3);
    out.bytes(packed(design.corners));
    out.uint(design.symmetry);
    out.bytes(packed_cells(design.cells));
  }
  Bytes bytes = out.take();
  if (bytes.size() > kMaxProof) return refuse(Verdict::too_large, "the proof");
  return bytes;
}

Result<Proof> decode_proof(ByteView bytes) {
  codec::CborReader in(bytes, {.bytes = kMaxProof});
  ASSIGN(const auto members, in.array());
  if (members == 0) return refuse(Verdict::bad_encoding, "a proof");
  ASSIGN(const auto version, in.uint());
  if (version != kVersion) return refuse(Verdict::bad_version, "a proof");
  if (members != 4) return refuse(Verdict::bad_encoding, "a proof");
  Proof proof;
  ASSIGN(const auto directions, in.bytes());
  ASSIGN(proof.directions, unpacked<GridDirection>(directions, kMaxRows, "directions"));
  ASSIGN(const auto obstacles, in.bytes());
  ASSIGN(proof.obstacles, unpacked_obstacles(obstacles));
  ASSIGN(const auto designs, in.array());
  if (designs > kMaxDesigns) return refuse(Verdict::too_large, "designs");
  for (std::size_t i = 0; i < designs; ++i) {
    ASSIGN(const auto parts, in.array());
    if (parts != 3) return refuse(Verdict::bad_encoding, "a design");
    DesignProof design;
    ASSIGN(const auto corners, in.bytes());
    ASSIGN(design.corners, unpacked<Point>(corners, kMaxCorners, "corners"));
    ASSIGN(const auto symmetry, in.uint());
    if (symmetry == 0 || symmetry > 64) return refuse(Verdict::bad_value, "symmetry");
    design.symmetry = static_cast<std::uint32_t>(symmetry);
    ASSIGN(const auto cells, in.bytes());
    ASSIGN(design.cells, unpacked_cells(cells));
    proof.designs.push_back(std::move(design));
  }
  TRY(in.finish());
  return proof;
}

Digest rough_hash(const Solid& solid) {
  std::vector<Triangle> triangles = solid.triangles;
  for (Triangle& t : triangles) std::ranges::rotate(t, std::ranges::min_element(t));
  std::ranges::sort(triangles);
  Bytes numbers;
  numbers.reserve(12 * triangles.size());
  for (const Triangle& t : triangles) {
    for (const std::uint32_t corner : t) put(numbers, corner, 4);
  }
  Bytes count;
  put(count, static_cast<std::uint32_t>(solid.corners.size()), 4);
  return crypto::sha256({as_bytes("intaglio rough 1 nm"), count, packed(solid.corners), numbers});
}

Digest design_hash(const std::vector<Point>& corners) {
  return crypto::sha256({as_bytes("intaglio design 1"), packed(corners)});
}

}  // namespace intaglio::stone
