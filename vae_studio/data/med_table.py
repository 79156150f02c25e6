"""The twelve two-dimensional sets of MedMNIST (v2 and v3), as their publishers describe them.

J. Yang et al. 2023, "MedMNIST v2", Scientific Data, arXiv 2110.14795; licences and MD5s from
medmnist 3.0.2 (https://github.com/MedMNIST/MedMNIST); files at https://zenodo.org/records/10519652.
"""

from __future__ import annotations

from dataclasses import dataclass

from vae_studio.data.downloads import DownloadPlan, known_by_md5

SIDES = (28, 64, 128, 224)
MIRROR = "https://zenodo.org/records/10519652/files/"


@dataclass(frozen=True)
class MedSet:
    """One set. ``bytes`` is the size of its file of 28 × 28 pixels, about; ``md5s`` are those of
    the files in the order of SIDES. ``findings``: pictures have several labels or none.
    """

    name: str
    title: str
    licence: str
    channels: int
    bytes: int
    what: str
    class_names: tuple[str, ...]
    md5s: tuple[str, str, str, str]
    findings: bool = False

    def file_name(self, side: int) -> str:
        """What the publisher calls the file of a size."""
        return f"{self.name}mnist{f'_{side}' if side != SIDES[0] else ''}.npz"

    def md5(self, side: int) -> str:
        """The published MD5 (hex) of the file of a size."""
        return self.md5s[SIDES.index(side)]

    def plan(self, side: int) -> DownloadPlan:
        """Where the file of a size comes from; the larger ones' sizes are reckoned."""
        size = self.bytes * side**2 // SIDES[0] ** 2
        file = (self.file_name(side), size, self.md5(side))
        return DownloadPlan((MIRROR,), "medmnist", known_by_md5(file))


ORGANS = ("bladder", "left femur", "right femur", "heart", "left kidney", "right kidney",
          "liver", "left lung", "right lung", "pancreas", "spleen")  # fmt: skip

MED_SETS = (
    MedSet(
        "path",
        "PathMNIST",
        "CC BY 4.0",
        3,
        205_600_000,
        "tissue of colorectal cancer under the microscope, nine kinds",
        (
            "adipose",
            "background",
            "debris",
            "lymphocytes",
            "mucus",
            "smooth muscle",
            "normal colon mucosa",
            "cancer-associated stroma",
            "colorectal adenocarcinoma epithelium",
        ),
        (
            "a8b06965200029087d5bd730944a56c1",
            "55aa9c1e0525abe5a6b9d8343a507616",
            "ac42d08fb904d92c244187169d1fd1d9",
            "2c51a510bcdc9cf8ddb2af93af1eadec",
        ),
    ),
    MedSet(
        "chest",
        "ChestMNIST",
        "CC BY 4.0",
        1,
        82_800_000,
        "chest X-rays with fourteen findings, several or none to a picture",
        (
            "atelectasis",
            "cardiomegaly",
            "effusion",
            "infiltration",
            "mass",
            "nodule",
            "pneumonia",
            "pneumothorax",
            "consolidation",
            "edema",
            "emphysema",
            "fibrosis",
            "pleural",
            "hernia",
        ),
        (
            "02c8a6516a18b556561a56cbdd36c4a8",
            "9de6cd0b934ebb5b7426cfba5efbae16",
            "db107e5590b27930b62dbaf558aebee3",
            "45bd33e6f06c3e8cdb481c74a89152aa",
        ),
        findings=True,
    ),
    MedSet(
        "derma",
        "DermaMNIST",
        "CC BY-NC 4.0",
        3,
        19_700_000,
        "moles and other spots on the skin, seven kinds",
        (
            "actinic keratoses and intraepithelial carcinoma",
            "basal cell carcinoma",
            "benign keratosis-like lesions",
            "dermatofibroma",
            "melanoma",
            "melanocytic nevi",
            "vascular lesions",
        ),
        (
            "0744692d530f8e62ec473284d019b0c7",
            "b70a2f5635c6199aeaa28c31d7202e1f",
            "2defd784463fa5243564e855ed717de1",
            "8974907d8e169bef5f5b96bc506ae45d",
        ),
    ),
    MedSet(
        "oct",
        "OCTMNIST",
        "CC BY 4.0",
        1,
        54_900_000,
        "sections of the retina by optical coherence tomography, four kinds",
        ("choroidal neovascularization", "diabetic macular edema", "drusen", "normal"),
        (
            "c68d92d5b585d8d81f7112f81e2d0842",
            "e229e9440236b774d9f0dfef9d07bdaf",
            "0a97e76651ace45c5d943ee3f65b63ae",
            "abc493b6d529d5de7569faaef2773ba3",
        ),
    ),
    MedSet(
        "pneumonia",
        "PneumoniaMNIST",
        "CC BY 4.0",
        1,
        4_200_000,
        "children's chest X-rays, healthy or with pneumonia",
        ("normal", "pneumonia"),
        (
            "28209eda62fecd6e6a2d98b1501bb15f",
            "8f4eceb4ccffa70c672198ea285246c6",
            "05b46931834c231683c68f40c47b2971",
            "d6a3c71de1b945ea11211b03746c1fe1",
        ),
    ),
    MedSet(
        "retina",
        "RetinaMNIST",
        "CC BY 4.0",
        3,
        3_300_000,
        "photographs of the retina, five grades of diabetic retinopathy",
        ("grade 0", "grade 1", "grade 2", "grade 3", "grade 4"),
        (
            "bd4c0672f1bba3e3a89f0e4e876791e4",
            "afda852cc34dcda56f86ad2b2457dbcc",
            "e48e916a24454daf90583d4e6efb1a18",
            "eae7e3b6f3fcbda4ae613ebdcbe35348",
        ),
    ),
    MedSet(
        "breast",
        "BreastMNIST",
        "CC BY 4.0",
        1,
        560_000,
        "breast ultrasound, malignant or not",
        ("malignant", "normal, benign"),
        (
            "750601b1f35ba3300ea97c75c52ff8f6",
            "742edef2a1fd1524b2efff4bd7ba9364",
            "363e4b3f8d712e9b5de15470a2aaadf1",
            "b56378a6eefa9fed602bb16d192d4c8b",
        ),
    ),
    MedSet(
        "blood",
        "BloodMNIST",
        "CC BY 4.0",
        3,
        35_500_000,
        "single blood cells under the microscope, eight kinds",
        (
            "basophil",
            "eosinophil",
            "erythroblast",
            "immature granulocytes",
            "lymphocyte",
            "monocyte",
            "neutrophil",
            "platelet",
        ),
        (
            "7053d0359d879ad8a5505303e11de1dc",
            "2b94928a2ae4916078ca51e05b6b800b",
            "adace1e0ed228fccda1f39692059dd4c",
            "b718ff6835fcbdb22ba9eacccd7b2601",
        ),
    ),
    MedSet(
        "tissue",
        "TissueMNIST",
        "CC BY 4.0",
        1,
        124_900_000,
        "single cells of the kidney cortex, eight kinds",
        (
            "collecting Duct, Connecting Tubule",
            "distal Convoluted Tubule",
            "glomerular endothelial cells",
            "interstitial endothelial cells",
            "leukocytes",
            "podocytes",
            "proximal Tubule Segments",
            "thick Ascending Limb",
        ),
        (
            "ebe78ee8b05294063de985d821c1c34b",
            "123ece2eba09d0aa5d698fda57103344",
            "61b955355d7425a89687b06cca3ce0c2",
            "b077128c4a949f0a4eb01517f9037b9c",
        ),
    ),
    MedSet(
        "organa",
        "OrganAMNIST",
        "CC BY 4.0",
        1,
        38_200_000,
        "eleven organs in axial sections of abdominal CT",
        ORGANS,
        (
            "68e3f8846a6bd62f0c9bf841c0d9eacc",
            "2dcccc29b88e6da5a01161ef20cda288",
            "eeae80d0a227a8d099027e1b3cfd3b60",
            "50747347e05c87dd3aaf92c49f9f3170",
        ),
    ),
    MedSet(
        "organc",
        "OrganCMNIST",
        "CC BY 4.0",
        1,
        15_500_000,
        "eleven organs in coronal sections of abdominal CT",
        ORGANS,
        (
            "b9ceb9546e10131b32923c5bbeaea2b1",
            "3ce34a8724ea6f548e6db4744d03b6a9",
            "773c1f009daa3fe5d9a2a201b2a7ed94",
            "050f5e875dc056f6768abf94ec9995d1",
        ),
    ),
    MedSet(
        "organs",
        "OrganSMNIST",
        "CC BY 4.0",
        1,
        16_500_000,
        "eleven organs in sagittal sections of abdominal CT",
        ORGANS,
        (
            "9ab87b696fb54e2a387ebe992d6ed5f1",
            "53a6d115339d874c25e309a994ff46d3",
            "ded0c5fa01a95dc4978b956f613e9b8e",
            "b354719e553fbbb2513d5533f52a4cb1",
        ),
    ),
)
